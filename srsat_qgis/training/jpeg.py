"""What JPEG compression leaves of 8-bit images."""

from __future__ import annotations

import io

import numpy as np
import torch

from srsat_qgis.core.errors import TrainingError

LARGEST = 255


def looks_8_bit(planes: torch.Tensor, quantum: torch.Tensor) -> torch.Tensor:
    """Return which planes can be what an 8-bit image holds: whole steps, and values of 0 to 255.

    Parameters
    ----------
    planes : Tensor, shape (N, 1, H, W)
        Before any blur or noise.
    quantum : Tensor, shape (N,)
        Step of each plane's values; 0: continuous.

    Returns
    -------
    Tensor of bool, shape (N,)
    """
    return (quantum >= 1) & (planes.amin(dim=(1, 2, 3)) >= 0) & (planes.amax(dim=(1, 2, 3)) <= LARGEST)


def compressed(plane: torch.Tensor, quality: int) -> torch.Tensor:
    """Return a plane ``(H, W)`` rounded to 8 bits, written as grey JPEG of a quality of 1 to 95, and read again.

    Raises
    ------
    TrainingError
        If Pillow, which does the compression, is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise TrainingError("degradation by JPEG takes the package pillow, which is not installed") from error
    grey = plane.detach().round().clamp(0, LARGEST).to(torch.uint8).cpu().numpy()
    with io.BytesIO() as stream:
        Image.fromarray(grey).save(stream, format="JPEG", quality=quality)
        stream.seek(0)
        with Image.open(stream) as image:
            values = np.array(image, np.float32)
    return torch.from_numpy(values).to(plane.device)
