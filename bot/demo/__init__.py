"""The bundled sample, and the tour through a day of Paperboy."""
