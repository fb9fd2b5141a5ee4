package dev.firn.catalog.commit;

/**
 * What an applied commit made: the snapshot, its sequence number, and its place among the changes
 * grouped into it.
 */
public record CommitReceipt(long snapshotId, long sequenceNumber, int position) {}
