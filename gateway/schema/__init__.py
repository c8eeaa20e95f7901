"""What may stand where: directories as compiled validators, findings with positions. Gets bytes, does no I/O."""
