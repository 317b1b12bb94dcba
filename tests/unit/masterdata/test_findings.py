"""What is wrong with a cell or a sheet, each thing once: the small plant with one table replaced, and what is found."""

from pathlib import Path

import pytest

from tests.unit.masterdata.mistakes import Mistake, mistakes

CELLS = """
a wrong boolean
    storage_locations
    plant,location,negative_stock
    1000,RM01,true
    1000,FG01,no
    -> 2 negative_stock error: expected yes or no, got 'true'

a wrong date
    boms
    plant,material,valid_from
    1000,PUMP,31.12.2026
    1000,SEALS,
    -> 2 valid_from error: expected a date like 2026-01-31, got '31.12.2026'

a day that does not exist
    boms
    plant,material,valid_from
    1000,PUMP,2026-02-30
    1000,SEALS,
    -> 2 valid_from error: expected a date

a wrong date-time
    runs
    plant,line,material,version,start
    1000,L01,PUMP,0001,2026-W01
    -> 2 start error: expected a time like

a number with an exponent
    activity_rates
    plant,work_center,activity,rate_per_hour
    1000,ASM1,LABOUR,1e3
    -> 2 rate_per_hour error: got '1e3'

too many decimals
    activity_rates
    plant,work_center,activity,rate_per_hour
    1000,ASM1,LABOUR,0.1234567
    -> 2 rate_per_hour error: and 6 decimals

too many digits
    activity_rates
    plant,work_center,activity,rate_per_hour
    1000,ASM1,LABOUR,1000000000000
    -> 2 rate_per_hour error: up to 12 digits

a negative price
    activity_rates
    plant,work_center,activity,rate_per_hour
    1000,ASM1,LABOUR,-1
    -> 2 rate_per_hour error: at least 0

a zero base quantity
    routings
    plant,material,routing,base_quantity
    1000,PUMP,1,0
    -> 2 base_quantity error: expected a number above 0

a word outside an enumeration
    rem_profiles
    profile,reporting_points
    REM1,sometimes
    -> 2 reporting_points error: expected none, mandatory or optional, got 'sometimes'

an unknown time zone
    plants
    plant,time_zone
    1000,Europe/Atlantis
    -> 2 time_zone error: got 'Europe/Atlantis'

unknown shift days
    shifts
    plant,shift,days,start,end
    1000,early,Mo-Fr,06:00,14:00
    -> 2 days error: expected days like Mon-Fri

a time of day that does not exist
    shifts
    plant,shift,days,start,end
    1000,early,Mon,06:00,25:00
    -> 2 end error: got '25:00'

a wrong check digit
    gtins
    gtin,material
    2000000001013,PUMP
    -> 2 gtin error: expected the check digit 2, got 3

a GTIN of eleven digits
    gtins
    gtin,material
    20000000010,PUMP
    -> 2 gtin error: 8, 12, 13 or 14 digits

a wrong window
    devices
    device,plant,line,window
    c-good,1000,L01,100 pieces
    -> 2 window error: expected a window (reading, 100pc, 30s, shift or scan)

a device id that no topic can hold
    devices
    device,plant,line
    c/good,1000,L01
    -> 2 device error: expected a device id

a device id that is a topic
    devices
    device,plant,line
    count,1000,L01
    -> 2 device error: the name of a topic

a name that belongs to the gateway
    lines
    plant,line
    1000,_gateway
    -> 2 line error: not beginning with '_'

an unknown decoder
    devices
    device,plant,line,decoder
    c-good,1000,L01,morse
    -> 2 decoder error: expected native

a formula in a text
    scrap_reasons
    reason,text
    05,=1+1
    -> 2 text error: run as a formula

a reason that no card can say
    scrap_reasons
    reason,text
    too short,
    -> 2 reason warning: no card can say it; control code: expected 1 to 40 of A-Z a-z 0-9 _ . - as reason

a call behind a sign
    scrap_reasons
    reason,text
    05,+cmd|x!A1
    -> 2 text error: run as a formula

a control character
    scrap_reasons
    reason,text
    05,bell \x07
    -> 2 text error: U+0007

text that is turned around
    scrap_reasons
    reason,text
    05,\u202eabc
    -> 2 text error: U+202E

too long a text
    scrap_reasons
    reason,text
    05,{long}
    -> 2 text error: at most 200 characters, got 201

an empty cell that is needed
    scrap_reasons
    reason,text
    ,nothing
    -> 2 reason error: expected a value, got an empty cell
"""

SHEETS = """
an unknown table
    suppliers
    supplier
    A
    -> 1 - error: unknown table 'suppliers'

an unknown column
    scrap_reasons
    reason,colour
    05,red
    -> 1 colour error: unknown column 'colour'; columns are reason, text

a missing column
    activity_rates
    plant,work_center,activity
    1000,ASM1,LABOUR
    -> 1 rate_per_hour error: required column rate_per_hour is missing

a column that is there twice
    scrap_reasons
    reason,text,text
    05,a,b
    -> 1 text error: is there twice

a row that is too short
    scrap_reasons
    reason,text
    03,short
    05
    -> 3 - error: expected 2 cells as in the header, got 1

a row that is too long
    scrap_reasons
    reason,text
    05,a,b
    -> 2 - error: expected 2 cells as in the header, got 3

a duplicate row
    scrap_reasons
    reason,text
    05,a
    07,b
    05,c
    -> 4 reason error: reason '05' is in row 2 already

a device that is there twice
    devices
    device,plant,line
    c,1000,L01
    c,1000,L01
    -> 3 device error: duplicate row

an open quotation mark
    scrap_reasons
    reason,text
    05,"a
    -> 2 - error: not CSV

nothing
    scrap_reasons
    ,
    -> 1 - error: expected a header row, found none

a column without name
    scrap_reasons
    reason,,text
    05,red,Scratched
    -> 1 - error: column 2 has no name

a number that can be read in two ways
    units
    material;unit;numerator
    GLUE;ML;1.500
    -> 2 numerator error: expected a number that can be read in one way, got '1.500': write 1500 or 1.5

two decimal signs in one file
    units
    material;unit;numerator
    GLUE;ML;1,5
    GLUE;CL;2.5
    -> 3 numerator error: expected one decimal sign, got '2.5' in a file that writes decimals with a comma and
"""


@pytest.mark.parametrize("mistake", mistakes(CELLS + SHEETS), ids=lambda mistake: mistake.what.replace(" ", "_"))
def test_what_is_wrong_in_a_file_is_found_with_row_and_field(mistake: Mistake, tmp_path: Path) -> None:
    mistake.must_be_found(tmp_path)
