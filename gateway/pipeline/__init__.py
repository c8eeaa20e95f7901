"""Accept, prepare, apply, deliver: pure steps over the ports."""
