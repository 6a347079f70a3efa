"""The plant's vocabulary: equipment, parts, processes, parameters, characteristics, units and naming rules."""
