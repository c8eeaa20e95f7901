"""Every word a person reads: the error catalogue and the labels, in English and zh-CN."""
