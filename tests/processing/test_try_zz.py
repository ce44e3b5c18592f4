from pathlib import Path
import re
ALGORITHM="srsat:superresolve"; DEFAULTS={"DEVICE":"cpu"}
OUT=Path('/tmp/readtwo/out')
def text(p):
    s=open(p).read()
    s=re.sub(r'<style.*?</style>|<svg.*?</svg>|src="data[^"]*"','',s,flags=re.S); s=re.sub(r'<[^>]+>',' ',s); return re.sub(r'[ \n]+',' ',s)
def test_nan(run):
    r=run(INPUT=str(OUT/'lst.tif'), MODEL='any-x2', OUTPUT=str(OUT/'lst2.tif'), REPORT=str(OUT/'lst.html'))
    print(text(OUT/'lst.html')[:3000])
def test_odd(run):
    r=run(INPUT=str(OUT/'odd.tif'), MODEL='any-x2', OUTPUT=str(OUT/'odd2.tif'), REPORT=str(OUT/'odd.html'))
    print(text(OUT/'odd.html')[:1800])
