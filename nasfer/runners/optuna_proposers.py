"""x"""
RangeProposer = SpaceProposer = None
