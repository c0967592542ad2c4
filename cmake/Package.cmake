# MESHCTL_PACKAGE: the Debian package, by CPack rather than debian/: what is installed is said once, here and in CMakeLists.txt, and no debhelper is
# needed for one program. What debhelper would do is little: compressed changelog and manual page, and three maintainer scripts.
#
# The same commit gives the same bytes: SOURCE_DATE_EPOCH (./dev package sets it) is the time of everything in it.
if(NOT MESHCTL_PACKAGE)
  return()
endif()
set(parts ${PROJECT_SOURCE_DIR}/cmake/package)
set(made ${PROJECT_BINARY_DIR}/package)

string(TIMESTAMP MESHCTL_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)  # of SOURCE_DATE_EPOCH
configure_file(${parts}/changelog.in ${made}/changelog @ONLY)
configure_file(${parts}/meshctl-status.service.in ${made}/meshctl-status.service @ONLY)
add_custom_target(meshctl_compressed ALL
  COMMAND gzip -9nc ${made}/changelog > ${made}/changelog.gz
  COMMAND gzip -9nc ${PROJECT_BINARY_DIR}/share/meshctl.1 > ${made}/meshctl.1.gz
  BYPRODUCTS ${made}/changelog.gz ${made}/meshctl.1.gz)
add_dependencies(meshctl_compressed meshctl_share)

install(FILES ${made}/meshctl.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${parts}/copyright ${made}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${parts}/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME meshctl)
install(FILES ${parts}/meshctl-status.timer ${made}/meshctl-status.service DESTINATION lib/systemd/system)
install(FILES ${parts}/default DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/default RENAME meshctl)
install(DIRECTORY DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/meshctl DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME meshctl)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "${MESHCTL_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "IPsec meshes from one inventory, applied to all hosts or none")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "meshctl compiles one YAML inventory of hosts and links into IPsec
configuration (racoon and setkey, strongSwan, rules for Windows), pushes
it over SSH and applies it on all hosts or on none. A host that was not
confirmed over a new connection reverts the change.
.
It also proves offline that both ends of every link agree, imports what
runs today, and tells which links are up.")
set(CPACK_SET_DESTDIR ON)  # /etc is not below /usr
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openssh-client, bash-completion")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${parts}/conffiles ${parts}/postinst ${parts}/prerm ${parts}/postrm)
include(CPack)
