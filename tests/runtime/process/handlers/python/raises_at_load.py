raise ValueError("no database")
