package dev.firn.format.row;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * A record component or bean property. Immutable.
 *
 * @param reader takes the object as {@code Object}, gives the value as {@code Object}
 * @param writer of a bean: takes object and value; null for a record's component
 */
record JavaProperty(String name, Type type, MethodHandle reader, @Nullable MethodHandle writer) {}
