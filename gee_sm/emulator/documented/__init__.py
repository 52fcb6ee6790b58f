"""What the public reference prints, as data: the emulator's answers are compared with it."""
