"""The web page, one page per file. A page asks the API, in process, and shows what it answers."""
