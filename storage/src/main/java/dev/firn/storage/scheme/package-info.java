/**
 * Every store behind one {@code FileIO}, chosen by the scheme of a location. Start at {@link
 * dev.firn.storage.scheme.SchemeFileIO}.
 */
@NullMarked
package dev.firn.storage.scheme;

import org.jspecify.annotations.NullMarked;
