"""Writes red_and_blue.jpg, 24 x 16 pixels, its left half red, and its red channel as grey.jpg.

    pip install numpy==2.4.6 pillow==13.0.0
    python make.py
"""

import pathlib

import numpy as np
from PIL import Image

here = pathlib.Path(__file__).parent
pixels = np.zeros((16, 24, 3), np.uint8)
pixels[:, :12], pixels[:, 12:] = (200, 30, 30), (30, 60, 200)
settings = {"quality": 90, "optimize": True}
Image.fromarray(pixels).save(here / "red_and_blue.jpg", subsampling=0, **settings)
Image.fromarray(pixels[:, :, 0]).save(here / "grey.jpg", **settings)
