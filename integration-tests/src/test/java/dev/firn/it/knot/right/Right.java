package dev.firn.it.knot.right;

import dev.firn.it.knot.left.Left;

/** The other half of a cycle that the architecture test must find. */
public record Right(Left left) {}
