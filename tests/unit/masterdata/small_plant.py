"""A plant that fits on a screen: one product, one phantom, one line, and nothing wrong with it."""

from collections.abc import Mapping
from pathlib import Path

SMALL = {
    "plants": """
plant,name,time_zone
1000,Pump works,Europe/Berlin""",
    "shifts": """
plant,shift,days,start,end
1000,early,Mon-Fri,06:00,14:00
1000,late,Mon-Fri,14:00,22:00""",
    "storage_locations": """
plant,location,negative_stock
1000,RM01,yes
1000,FG01,no""",
    "materials": """
plant,material,unit,decimals,gtin,issue_location,receiving_location,rem_profile,phantom
1000,PUMP,PC,0,2000000000015,FG01,FG01,REM1,
1000,SEALS,PC,0,,,,,yes
1000,RING,PC,0,,RM01,RM01,,
1000,GLUE,L,3,,RM01,RM01,,""",
    "units": """
material,unit,numerator,denominator
GLUE,ML,1,1000""",
    "gtins": """
gtin,material,unit
2000000001012,PUMP,""",
    "boms": """
plant,material,alternative,base_quantity
1000,PUMP,1,1
1000,SEALS,1,1""",
    "bom_items": """
plant,material,alternative,item,component,quantity,unit,operation
1000,PUMP,1,0010,SEALS,1,PC,0010
1000,PUMP,1,0020,GLUE,0.8,ML,0020
1000,SEALS,1,0010,RING,2,PC,""",
    "work_centers": """
plant,work_center
1000,ASM1""",
    "activity_rates": """
plant,work_center,activity,rate_per_hour
1000,ASM1,LABOUR,41.50""",
    "routings": """
plant,material,routing,base_quantity
1000,PUMP,1,100""",
    "operations": """
plant,material,routing,operation,work_center,reporting_point
1000,PUMP,1,0010,ASM1,yes
1000,PUMP,1,0020,ASM1,yes""",
    "operation_activities": """
plant,material,routing,operation,activity,hours
1000,PUMP,1,0010,LABOUR,1.5""",
    "production_versions": """
plant,material,version,bom_alternative,routing,line,valid_from
1000,PUMP,0001,1,1,L01,2026-01-01""",
    "estimate_activities": """
plant,material,version,operation,work_center,activity,hours,base_quantity,fixed
1000,PUMP,0001,0010,ASM1,LABOUR,1.6,100,
1000,PUMP,0001,0010,ASM1,LABOUR,0.25,,yes""",
    "rem_profiles": """
profile,reporting_points
REM1,optional""",
    "devices": """
device,plant,line,operation,kind,role
c-good,1000,L01,,counter,good
c-scrap,1000,L01,,counter,scrap
s-first,1000,L01,0010,scanner,good
s-roaming,1000,_,,scanner,good""",
    "runs": """
plant,line,material,version,start,end
1000,L01,PUMP,0001,2026-01-01T06:00,""",
    "planned_orders": """
order,plant,material,version,line,start,finish,quantity
P1,1000,PUMP,0001,L01,2026-11-23,2026-11-24,100""",
    "planned_order_components": """
order,item,component,quantity
P1,0010,RING,210""",
    "opening_stock": """
plant,material,location,quantity
1000,RING,RM01,5000""",
}
"""Every table as CSV; row 1 of a file is its header."""


def write_folder(folder: Path, tables: Mapping[str, str]) -> Path:
    """Write tables as CSV files, without the line break that each text begins with."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text.lstrip("\n") + "\n", encoding="utf-8")
    return folder
