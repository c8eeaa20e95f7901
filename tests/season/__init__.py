"""A season of trade, played from outside: partners with foreign AS2, an auditor that reads only their mailboxes.

    .venv-peers/bin/python -m tests.season FOLDER --gateway .venv/bin/gateway

Nothing here may import the gateway's package: __main__ blocks it.
"""
