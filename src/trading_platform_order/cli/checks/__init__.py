"""Commands that try something: demo, doctor, drills, live check, test alert, simulation."""
