"""The Streamlit chat, a client of the HTTP interface and of nothing else."""
