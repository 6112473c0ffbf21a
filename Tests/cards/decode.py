"""Reads every barcode of a PDF as a scanner sees its print at 300 dpi: one line of JSON for each."""

import json
import sys

import pypdfium2
import zxingcpp

for number, page in enumerate(pypdfium2.PdfDocument(sys.argv[1]), 1):
    image = page.render(scale=300 / 72, grayscale=True).to_pil()
    for found in zxingcpp.read_barcodes(image):
        format = str(found.format).split(".")[-1].replace(" ", "")
        print(json.dumps({"page": number, "format": format, "text": found.text}))
