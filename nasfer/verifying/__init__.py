"""Are the presets the published networks?"""
