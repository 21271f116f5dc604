"""Evidence made readable: documents are composed first, then rendered; bytes come out and no file is written."""
