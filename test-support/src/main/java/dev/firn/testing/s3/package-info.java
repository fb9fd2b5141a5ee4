/**
 * What lies between S3 clients and the S3 server of the tests: an HTTP/1.1 reverse proxy that logs
 * every request by its meaning and injects faults on the wire, by rule and by seed, each for one
 * bucket only. JDK only; path-style addresses only.
 *
 * <p>Tests start at {@link dev.firn.testing.s3.S3Faults} and {@link
 * dev.firn.testing.s3.S3RequestLog}, both of which {@code S3Server} hands out. One thread per
 * client connection; everything public is thread-safe.
 */
@NullMarked
package dev.firn.testing.s3;

import org.jspecify.annotations.NullMarked;
