package dev.firn.it.knot.left;

import dev.firn.it.knot.right.Right;

/** One half of a cycle that the architecture test must find. */
public record Left(Right right) {}
