"""What nvidia-smi is known to say."""

# Transcribed by hand from its known output and its man page, not recorded on a card of ours: a desktop's Linux, a
# Windows with its display driver, a machine of two cards, an old one, and the ways in which it fails.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

LINUX = """\
0, NVIDIA GeForce RTX 4060, 8188, 580.95.05, 6512, 1384, 8.9, [N/A]
"""
LINUX_TABLE = """\
Sun Nov 22 10:11:12 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 580.95.05              Driver Version: 580.95.05      CUDA Version: 13.0     |
+-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|                                         |                        |               MIG M. |
|=========================================+========================+======================|
|   0  NVIDIA GeForce RTX 4060        Off |   00000000:01:00.0  On |                  N/A |
|  0%   41C    P8             11W /  115W |    1384MiB /   8188MiB |     12%      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+

+-----------------------------------------------------------------------------------------+
| Processes:                                                                              |
|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |
|        ID   ID                                                               Usage      |
|=========================================================================================|
|    0   N/A  N/A            1834      G   /usr/lib/xorg/Xorg                      312MiB |
|    0   N/A  N/A           20411    C+G   ...common/Some Game/game.x86_64        1041MiB |
+-----------------------------------------------------------------------------------------+
"""
WINDOWS = """\
0, NVIDIA GeForce RTX 3060 Ti, 8192, 581.29, 7011, 1006, 8.6, WDDM\r
"""
WINDOWS_TABLE = """\
+-----------------------------------------------------------------------------------------+\r
| NVIDIA-SMI 581.29                 Driver Version: 581.29         CUDA Version: 13.0     |\r
+-----------------------------------------+------------------------+----------------------+\r
| Processes:                                                                              |\r
|=========================================================================================|\r
|    0   N/A  N/A            5120    C+G   C:\\Windows\\explorer.exe                N/A      |\r
|    0   N/A  N/A           11716    C+G   ...am Files\\Some Game\\Game.exe           N/A      |\r
+-----------------------------------------------------------------------------------------+\r
"""
TWO = """\
0, NVIDIA GeForce GTX 1080 Ti, 11264, 580.95.05, 11000, 264, 6.1, [N/A]
1, NVIDIA GeForce RTX 4060, 8188, 580.95.05, 8000, 188, 8.9, [N/A]
"""
UNTOLD = """\
0, NVIDIA GB10, [N/A], 580.95.05, [N/A], [N/A], 12.1, [N/A]
1, NVIDIA T4, 15360, 580.95.05, [Not Supported], [Not Supported], 7.5, [N/A]
"""
# Before compute_cap was a field (it came with R510), and with a table of fewer columns.
OLD = "0, GeForce GTX 1070, 8119, 440.100, 7700, 419\n"
OLD_REFUSES = 'Field "compute_cap" is not a valid field to query.\n\n'
OLD_TABLE = """\
| NVIDIA-SMI 440.100      Driver Version: 440.100      CUDA Version: 10.2     |
| Processes:                                                       GPU Memory |
|  GPU       PID   Type   Process name                             Usage      |
|=============================================================================|
|    0      1211      G   /usr/lib/xorg/Xorg                           243MiB |
"""
NO_DRIVER = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
    "Make sure that the latest NVIDIA driver is installed and running.\n\n"
)
MISMATCH = "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.95\n"
NONE_FOUND = "No devices were found\n"


def smi(answers: Mapping[int, str], table: str = "") -> Callable[[Sequence[str]], str]:
    """An nvidia-smi: its answer to a query by the number of fields asked for, and its plain table."""

    def asked(command: Sequence[str]) -> str:
        if "nvidia-smi" not in command[0]:
            return ""
        query = next((part for part in command if part.startswith("--query-gpu=")), "")
        return answers.get(len(query.split(",")), OLD_REFUSES) if query else table

    return asked
