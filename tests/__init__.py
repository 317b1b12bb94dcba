"""The tests: unit, properties, simulation and integration; CONTRIBUTING.md says what belongs where."""
