/**
 * Which files a scan reads: manifests, decoded once into columns and kept by path, and Iceberg's
 * rules of pruning evaluated over them. Reads no data file.
 *
 * <p>Start at {@link dev.firn.scan.plan.TablePlanner}. What is kept is immutable and shared by all
 * readers; what a plan yields is confined to one thread at a time. The format is that of the <a
 * href="https://iceberg.apache.org/spec/#manifests">Iceberg spec</a>.
 */
@NullMarked
package dev.firn.scan.plan;

import org.jspecify.annotations.NullMarked;
