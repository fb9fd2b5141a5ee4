package dev.firn.maintenance;

/**
 * A table of which it could not be found out what is due.
 *
 * @param error says why: most often a {@code FirnException}, such as one that names the property
 *     that is wrong
 */
public record FailedLook(String table, RuntimeException error) {}
