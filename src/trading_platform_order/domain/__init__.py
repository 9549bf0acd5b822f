"""Values and the core. Pure: nothing here touches the clock, the network, the disk or chance."""
