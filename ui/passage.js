// Draws runs of text. Every word becomes a text node: nothing in a document can be markup here.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".passage")
  const drawn = JSON.stringify(data)
  if (root.drawn === drawn) return
  root.drawn = drawn

  const note = (number) => {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "note"
    button.textContent = number
    button.setAttribute("aria-label", `Footnote ${number}: open its source`)
    button.onclick = () => setTriggerValue("note", number)
    return button
  }
  const run = ([text, kind, number]) => {
    const part = document.createElement(kind === "quote" ? "mark" : "span")
    part.className = kind
    part.textContent = text
    if (number === null) return [part]
    // the footnote must not stand alone on the next line
    const joiner = document.createTextNode("\u2060")
    return [part, joiner, note(number)]
  }
  const block = (runs) => {
    const paragraph = document.createElement("p")
    paragraph.dir = "auto"
    if (data.style === "answer") paragraph.className = runs.some((each) => each[2] !== null) ? "answer" : "context"
    paragraph.append(...runs.flatMap(run))
    return paragraph
  }

  // what a person was reading stays where it was when the window grows; at first that is the quote
  const before = root.querySelector("mark")
  const gap = before ? before.offsetTop - root.scrollTop : null

  root.className = `passage ${data.style}`
  root.setAttribute("role", { answer: "group", source: "region", status: "status" }[data.style])
  root.setAttribute("aria-label", data.label)
  root.replaceChildren(...data.blocks.map(block))

  const mark = root.querySelector("mark")
  if (data.style === "source") root.tabIndex = 0 // the keyboard scrolls it
  if (data.style === "source" && mark) {
    const scroll = () => { root.scrollTop = mark.offsetTop - (gap ?? root.clientHeight / 4) }
    scroll()
    if (gap === null) document.fonts.ready.then(scroll)
  }
}
