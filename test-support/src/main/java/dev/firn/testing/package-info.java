/**
 * What tests of every module share: tables in memory whose files Iceberg's own writers wrote, leak
 * checks, fault injection, servers in process. Test scope only; knows no other module of Firn.
 *
 * <p>Start at {@link dev.firn.testing.TableFixture}, {@link dev.firn.testing.FaultyFileIO}, {@link
 * dev.firn.testing.FaultyDataSource}, {@link dev.firn.testing.ArrowLeakCheck}, {@link
 * dev.firn.testing.PostgresServer} and {@link dev.firn.testing.S3Server}. The servers' libraries
 * are optional: a module that uses a server declares its library in test scope.
 */
@NullMarked
package dev.firn.testing;

import org.jspecify.annotations.NullMarked;
