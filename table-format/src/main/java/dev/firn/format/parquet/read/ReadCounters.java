package dev.firn.format.parquet.read;

/**
 * What a read looked at so far. {@code pagesDecoded} counts data pages decompressed, {@code
 * bytesRead} those fetched from the store, {@code rereads} how often bytes were fetched again since
 * they did not come as they were written.
 */
public record ReadCounters(
    int rowGroups,
    int rowGroupsSkipped,
    long rowsDecoded,
    long pagesDecoded,
    long pagesSkipped,
    long bytesRead,
    long rereads) {}
