# The packages of tools/npm/package-lock.json, in NPM_MODULES. What is made of them depends on the
# target npm_modules and the file NPM_STAMP. They are fetched once, and again only when the lockfile
# changes; npm's own cache spares the other build folders the network. No script of theirs is run.
find_program(NPM npm REQUIRED)
set(npm_folder ${CMAKE_BINARY_DIR}/npm)
set(NPM_MODULES ${npm_folder}/node_modules)
set(NPM_STAMP ${npm_folder}/stamp)

set(npm_files ${CMAKE_SOURCE_DIR}/tools/npm/package.json
  ${CMAKE_SOURCE_DIR}/tools/npm/package-lock.json)
# Development packages are what tests compare with.
set(npm_omit "")
if(DEFINED BUILD_TESTING AND NOT BUILD_TESTING)
  set(npm_omit --omit=dev)
endif()
file(MAKE_DIRECTORY ${npm_folder})
add_custom_command(OUTPUT ${NPM_STAMP}
  COMMAND ${CMAKE_COMMAND} -E copy ${npm_files} ${npm_folder}
  COMMAND ${NPM} ci ${npm_omit} --ignore-scripts --prefer-offline --no-audit --no-fund
    --no-update-notifier --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${NPM_STAMP}
  DEPENDS ${npm_files}
  WORKING_DIRECTORY ${npm_folder}
  COMMENT "Fetching the packages of npm"
  VERBATIM)
add_custom_target(npm_modules DEPENDS ${NPM_STAMP})
