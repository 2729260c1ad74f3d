  (func (;pairs 3 3 128 4;) (param i32 i32 i32 i32 i32 i32)
    (local v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32)
    local.get 5
    if
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 6
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 7
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 8
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 9
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 10
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 11
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 12
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 13
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 14
    else
      local.get 4
      v128.load
      local.set 6
      local.get 4
      v128.load offset=16
      local.set 7
      local.get 4
      v128.load offset=32
      local.set 8
      local.get 4
      v128.load offset=48
      local.set 9
      local.get 4
      v128.load offset=64
      local.set 10
      local.get 4
      v128.load offset=80
      local.set 11
      local.get 4
      v128.load offset=96
      local.set 12
      local.get 4
      v128.load offset=112
      local.set 13
      local.get 4
      v128.load offset=128
      local.set 14
    end
    block
      local.get 2
      local.get 3
      i32.ge_u
      br_if 0
      loop
        local.get 1
        local.get 2
        i32.load
        i32.add
        local.set 19
        local.get 19
        v128.load
        local.set 15
        local.get 19
        v128.load offset=16
        local.set 16
        local.get 19
        v128.load offset=32
        local.set 17
        local.get 0
        v128.load
        local.set 18
        local.get 18
        local.get 15
        local.get 6
        f32x4.relaxed_madd
        local.set 6
        local.get 18
        local.get 16
        local.get 7
        f32x4.relaxed_madd
        local.set 7
        local.get 18
        local.get 17
        local.get 8
        f32x4.relaxed_madd
        local.set 8
        local.get 0
        v128.load offset=16
        local.set 18
        local.get 18
        local.get 15
        local.get 9
        f32x4.relaxed_madd
        local.set 9
        local.get 18
        local.get 16
        local.get 10
        f32x4.relaxed_madd
        local.set 10
        local.get 18
        local.get 17
        local.get 11
        f32x4.relaxed_madd
        local.set 11
        local.get 0
        v128.load offset=32
        local.set 18
        local.get 18
        local.get 15
        local.get 12
        f32x4.relaxed_madd
        local.set 12
        local.get 18
        local.get 16
        local.get 13
        f32x4.relaxed_madd
        local.set 13
        local.get 18
        local.get 17
        local.get 14
        f32x4.relaxed_madd
        local.set 14
        local.get 0
        i32.const 128
        i32.add
        local.set 0
        local.get 2
        i32.const 4
        i32.add
        local.set 2
        local.get 2
        local.get 3
        i32.lt_u
        br_if 0
      end
    end
    local.get 4
    local.get 6
    v128.store
    local.get 4
    local.get 7
    v128.store offset=16
    local.get 4
    local.get 8
    v128.store offset=32
    local.get 4
    local.get 9
    v128.store offset=48
    local.get 4
    local.get 10
    v128.store offset=64
    local.get 4
    local.get 11
    v128.store offset=80
    local.get 4
    local.get 12
    v128.store offset=96
    local.get 4
    local.get 13
    v128.store offset=112
    local.get 4
    local.get 14
    v128.store offset=128
  )
