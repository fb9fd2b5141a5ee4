package dev.firn.storage.s3;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What all writers of a store share: room for the parts on their way, and memory for more of them.
 * Thread-safe.
 *
 * @param warned whether it was said that files are created without the store's protection
 */
record S3Uploads(PartBudget budget, ChunkPool pool, AtomicBoolean warned) {
  static S3Uploads of(WriteSettings settings) {
    return new S3Uploads(
        new PartBudget(settings.inFlightBytes()),
        new ChunkPool(settings.inFlightBytes() + settings.partBytes()),
        new AtomicBoolean());
  }
}
