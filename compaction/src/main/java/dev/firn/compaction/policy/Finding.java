package dev.firn.compaction.policy;

/**
 * Something about a table that could be better.
 *
 * @param what it is, as one word such as {@code small-files}
 * @param penalty how much it takes off the score, from 0 to 100; 0 only tells
 * @param why a sentence with numbers
 * @param command what mends it, to be typed as it is; empty where nothing does
 */
public record Finding(String what, int penalty, String why, String command) {}
