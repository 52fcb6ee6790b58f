"""The REST service in front of the evaluator: one handler behind HTTP and in-process transports."""
