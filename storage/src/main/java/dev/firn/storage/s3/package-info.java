/**
 * S3 and what speaks its protocol, on the AWS SDK, with the property names of Iceberg. Start at
 * {@link dev.firn.storage.s3.S3Store}.
 */
@NullMarked
package dev.firn.storage.s3;

import org.jspecify.annotations.NullMarked;
