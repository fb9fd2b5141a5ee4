/**
 * What tests stand on: tables in memory whose files Iceberg's own writers wrote.
 *
 * <p>Start at {@link dev.firn.testing.TableFixture}. Test scope only.
 */
@NullMarked
package dev.firn.testing;

import org.jspecify.annotations.NullMarked;
