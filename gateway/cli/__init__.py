"""The command line: one module per group of commands, each a thin door to functions of the gateway.

`shared.command` holds the common parts of all commands (configuration, errors, exit status), `shared.output` prints.

Laws: every change of the ledger goes through `gateway.service.local.submission` and so through the journal; all else
only reads. With `--json` standard output holds exactly one JSON value. Text from the ledger or the broker is inert.
"""
