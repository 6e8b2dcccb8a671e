"""The sent mails on a page, in the demo only: no mail of the demo ever leaves the machine."""
