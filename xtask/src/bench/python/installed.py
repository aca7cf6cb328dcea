"""Prints the size of the vendor's SDK as it is installed, in bytes: its packages, and all that they need."""

import re
from importlib import metadata

seen, left = {}, ["huaweicloudsdkhss"]
while left:
    name = re.sub(r"[-_.]+", "-", left.pop()).lower()
    if name in seen:
        continue
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        # What is needed only elsewhere or for an extra is not there.
        seen[name] = 0
        continue
    files = (path.locate() for path in package.files or [])
    seen[name] = sum(path.stat().st_size for path in files if path.is_file())
    left += [re.match(r"[\w.-]+", need).group() for need in package.requires or [] if "extra ==" not in need]
print(sum(seen.values()))
