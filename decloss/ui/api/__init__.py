"""The API: a named, typed function for each tab, for ``gradio_client`` and for MCP. One file a function."""
