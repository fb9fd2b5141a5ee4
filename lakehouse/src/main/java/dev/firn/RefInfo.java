package dev.firn;

/** A branch or a tag. */
public record RefInfo(String name, boolean branch, long snapshotId) {}
