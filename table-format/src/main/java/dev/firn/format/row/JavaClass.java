package dev.firn.format.row;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A record or bean class: its properties and how to make one. Immutable. */
final class JavaClass {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private final Class<?> type;
  private final List<JavaProperty> properties;
  // Takes all values of a record as one array; nothing for a bean.
  private final MethodHandle constructor;

  private JavaClass(Class<?> type, List<JavaProperty> properties, MethodHandle constructor) {
    this.type = type;
    this.properties = List.copyOf(properties);
    this.constructor = constructor;
  }

  static JavaClass of(Class<?> type) {
    try {
      return type.isRecord() ? ofRecord(type) : ofBean(type);
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (e instanceof FirnException firn) {
        throw firn;
      }
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot bind class "
              + type.getName()
              + ": it is not accessible, expected a public or opened record or bean, got "
              + e,
          e);
    }
  }

  List<JavaProperty> properties() {
    return properties;
  }

  private static JavaClass ofRecord(Class<?> type) throws ReflectiveOperationException {
    List<JavaProperty> properties = new ArrayList<>();
    List<Class<?>> types = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      types.add(component.getType());
      properties.add(
          new JavaProperty(
              component.getName(),
              component.getGenericType(),
              reader(component.getAccessor()),
              null));
    }
    Constructor<?> canonical = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
    MethodHandle constructor =
        LOOKUP
            .unreflectConstructor(open(canonical))
            .asSpreader(Object[].class, types.size())
            .asType(MethodType.methodType(Object.class, Object[].class));
    return new JavaClass(type, properties, constructor);
  }

  private static JavaClass ofBean(Class<?> type) throws ReflectiveOperationException {
    if (type.isInterface() || type.isPrimitive() || Modifier.isAbstract(type.getModifiers())) {
      throw FirnException.invalid(
          "Cannot bind class " + type.getName() + ": expected a record or a bean class");
    }
    Map<String, Method> setters = new HashMap<>();
    for (Method method : type.getMethods()) {
      if (method.getName().matches("set..*") && method.getParameterCount() == 1) {
        setters.put(propertyName(method.getName(), 3), method);
      }
    }
    List<JavaProperty> properties = new ArrayList<>();
    for (Method method : type.getMethods()) {
      String name = getterName(method);
      if (name != null) {
        properties.add(property(name, method, setters.get(name)));
      }
    }
    if (properties.isEmpty()) {
      throw FirnException.invalid(
          "Cannot bind class "
              + type.getName()
              + ": it has no properties, expected a record, or public getters");
    }
    List<String> order = fieldNames(type);
    properties.sort(
        Comparator.<JavaProperty>comparingInt(p -> place(order, p.name()))
            .thenComparing(JavaProperty::name));
    Constructor<?> constructor = type.getDeclaredConstructor();
    return new JavaClass(
        type,
        properties,
        LOOKUP.unreflectConstructor(open(constructor)).asType(MethodType.methodType(Object.class)));
  }

  private static JavaProperty property(String name, Method getter, @Nullable Method setter)
      throws IllegalAccessException {
    MethodHandle writer =
        setter == null
            ? null
            : LOOKUP
                .unreflect(open(setter))
                .asType(MethodType.methodType(void.class, Object.class, Object.class));
    return new JavaProperty(name, getter.getGenericReturnType(), reader(getter), writer);
  }

  private static MethodHandle reader(Method getter) throws IllegalAccessException {
    return LOOKUP.unreflect(open(getter)).asType(MethodType.methodType(Object.class, Object.class));
  }

  private static <A extends AccessibleObject> A open(A member) {
    // Where it cannot be opened, a public member of an exported class still works.
    member.trySetAccessible();
    return member;
  }

  private static @Nullable String getterName(Method method) {
    boolean getter =
        method.getParameterCount() == 0
            && !method.isBridge()
            && !Modifier.isStatic(method.getModifiers())
            && method.getDeclaringClass() != Object.class
            && method.getReturnType() != void.class;
    if (getter && method.getName().matches("get..*")) {
      return propertyName(method.getName(), 3);
    }
    boolean flag =
        method.getReturnType() == boolean.class || method.getReturnType() == Boolean.class;
    return getter && flag && method.getName().matches("is..*")
        ? propertyName(method.getName(), 2)
        : null;
  }

  private static String propertyName(String method, int prefix) {
    String name = method.substring(prefix);
    // As java.beans has it: getURL is the property URL.
    boolean acronym = name.length() > 1 && Character.isUpperCase(name.charAt(1));
    return acronym ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  private static int place(List<String> order, String name) {
    int place = order.indexOf(name);
    return place < 0 ? Integer.MAX_VALUE : place;
  }

  /** Names of fields in declaration order, superclass first: the order of a bean's properties. */
  private static List<String> fieldNames(Class<?> type) {
    List<String> names = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      List<String> own = new ArrayList<>();
      for (Field field : c.getDeclaredFields()) {
        own.add(field.getName());
      }
      names.addAll(0, own);
    }
    return names;
  }

  @Nullable Object read(JavaProperty property, Object object) {
    try {
      return (Object) property.reader().invokeExact(object);
    } catch (Throwable e) {
      throw failed("read " + property.name() + " of", e);
    }
  }

  /** Makes an object; {@code values} stand in the order of {@link #properties()}. */
  Object create(@Nullable Object[] values) {
    try {
      if (type.isRecord()) {
        return (Object) constructor.invokeExact(values);
      }
      Object bean = (Object) constructor.invokeExact();
      for (int i = 0; i < values.length; i++) {
        MethodHandle writer = properties.get(i).writer();
        if (writer != null) {
          writer.invokeExact(bean, values[i]);
        }
      }
      return bean;
    } catch (Throwable e) {
      throw failed("make", e);
    }
  }

  private FirnException failed(String what, Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new FirnException(
        ErrorKind.INVALID,
        "Cannot " + what + " a " + type.getName() + ": its own code failed with " + e,
        e);
  }
}
