/**
 * Scans of what describes a table: its snapshots, files, manifests, partitions and so on, with the
 * columns of Iceberg's metadata tables, and the filters, projection and batches of any scan. Reads
 * only; knows no catalog.
 *
 * <p>Start at {@link dev.firn.scan.metadata.MetadataScanner}. Nothing here has threads of its own:
 * manifests are read in the caller's, one at a time, as rows are asked for.
 */
@NullMarked
package dev.firn.scan.metadata;

import org.jspecify.annotations.NullMarked;
