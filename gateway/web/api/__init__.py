"""The API: one table of operations (`operations`), which is served (`service`) and described (`openapi`).

`records` are the answers as types, `queries` the parameters, `lists` the pages of a list, `reads` what is asked of the
ledger. Names are those of `--json` on the command line.
"""
