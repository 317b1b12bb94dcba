"""Choices: the words of master data, for columns with a fixed set of words."""

from typing import Literal

ClosedPeriod = Literal["next", "wait"]
"""next: post on the first open day, keep the original date; wait: quarantine until the period is opened."""
MaterialType = Literal["made", "bought"]
MaterialBackflush = Literal["always", "work_center"]
"""Whether it is backflushed if neither item nor operation decides."""
LotSizeRule = Literal["exact", "fixed", "minimum", "multiple"]
IssueMode = Literal["backflush", "manual"]
OperationBackflush = Literal["yes", "no"]
ReportingPoints = Literal["none", "mandatory", "optional"]
Backfill = Literal["none", "predecessors"]
OrderReduction = Literal["none", "own_version", "own_and_unassigned", "all_versions"]
WithdrawalErrors = Literal["backlog", "reject"]
ActivitySource = Literal["standard_values", "cost_estimate"]
DeviceKind = Literal["counter", "scanner"]
Role = Literal["good", "gross", "scrap"]
"""The meaning of a bare number."""
Reset = Literal["allow", "quarantine"]
"""The treatment of a drop without a new boot."""
FirstTotal = Literal["baseline", "zero"]
"""The meaning of the very first total."""
AliasKind = Literal["material", "version", "order", "control", "point", "operator"]
