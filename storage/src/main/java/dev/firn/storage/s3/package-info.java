/**
 * S3 and what speaks its protocol, on the AWS SDK's synchronous client, with the property names of
 * Iceberg. Start at {@link dev.firn.storage.s3.S3Store}; each request goes through the client of an
 * {@code S3Connection}.
 *
 * <p>All classes are thread-safe but the streams. Threads: a store's request threads, bounded by
 * its connections, and the SDK's own, which watch its timeouts.
 */
@NullMarked
package dev.firn.storage.s3;

import org.jspecify.annotations.NullMarked;
