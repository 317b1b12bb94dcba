"""The command line: one module per group of commands, each a thin door to what the gateway does anyway.

`shared.command` says what all commands have in common (configuration, errors, exit status), `shared.output` how
anything is printed.
Laws: what changes the ledger goes through `gateway.service.local.commands` and so through the journal; everything else
reads.
With `--json` standard output holds one JSON value and nothing else. Text from the ledger or the broker is inert.
"""
