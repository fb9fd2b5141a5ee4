package dev.firn.format.row;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;

/** Java's generic types, as far as rows need them. Stateless. */
final class JavaTypes {
  private JavaTypes() {}

  static Class<?> raw(Type type) {
    if (type instanceof Class<?> c) {
      return c;
    } else if (type instanceof ParameterizedType p) {
      return (Class<?>) p.getRawType();
    } else if (type instanceof WildcardType w) {
      return raw(w.getUpperBounds()[0]);
    } else if (type instanceof TypeVariable<?> v) {
      return raw(v.getBounds()[0]);
    }
    return Array.newInstance(raw(((GenericArrayType) type).getGenericComponentType()), 0)
        .getClass();
  }

  /** The {@code index}-th type argument; {@code Object} where the type is raw. */
  static Type argument(Type type, int index) {
    return type instanceof ParameterizedType p ? p.getActualTypeArguments()[index] : Object.class;
  }

  static Type component(Type array) {
    return array instanceof GenericArrayType generic
        ? generic.getGenericComponentType()
        : raw(array).getComponentType();
  }

  /** The class of objects: {@code Integer} for {@code int}. */
  static Class<?> boxed(Class<?> type) {
    return java.lang.invoke.MethodType.methodType(type).wrap().returnType();
  }
}
